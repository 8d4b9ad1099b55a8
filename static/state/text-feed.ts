// A text that grows, and who shows it. Whoever comes late gets what there is, then the pieces.

export type TextSink = {
  push: (piece: string) => void;
  /** No more pieces will come. */
  end: () => void;
  /** Forgets everything; more may come. */
  reset: () => void;
};

export type TextFeed = {
  text: () => string;
  push: (piece: string) => void;
  /** Another text instead. */
  set: (text: string) => void;
  /** No more pieces will come. */
  end: () => void;
  /** Returns the way to leave. */
  attach: (sink: TextSink) => () => void;
};

export function createTextFeed(initial = '', ended = false): TextFeed {
  let text = initial;
  let isEnded = ended;
  const sinks = new Set<TextSink>();
  return {
    text: () => text,
    push(piece) {
      text += piece;
      for (const sink of sinks) sink.push(piece);
    },
    set(value) {
      text = value;
      isEnded = false;
      for (const sink of sinks) {
        sink.reset();
        if (value) sink.push(value);
      }
    },
    end() {
      isEnded = true;
      for (const sink of sinks) sink.end();
    },
    attach(sink) {
      sinks.add(sink);
      if (text) sink.push(text);
      if (isEnded) sink.end();
      return () => {
        sinks.delete(sink);
      };
    },
  };
}
