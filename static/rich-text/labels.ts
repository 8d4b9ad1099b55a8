// The few words that rich text adds of its own, and the way to change their language while they are shown.

export interface RichTextLabels {
  /** On the button that copies code. */
  copy: string;
  /** On it, just after. */
  copied: string;
  /** Where the language of code is not known. */
  code: string;
  /** Before the description of an image that is not shown, with its punctuation. */
  image: string;
  /** What a table that scrolls is called. */
  table: string;
  done: string;
  notDone: string;
  /** What is folded without a summary. */
  fold: string;
  /** The list of footnotes, and what leads from one back. */
  notes: string;
  back: string;
  /** What each kind of alert is called. */
  note: string;
  tip: string;
  important: string;
  warning: string;
  caution: string;
}

export const richTextLabels: Record<'zh-CN' | 'en', RichTextLabels> = {
  'zh-CN': {
    copy: '复制',
    copied: '已复制',
    code: '代码',
    image: '图片：',
    table: '表格',
    done: '已完成',
    notDone: '未完成',
    fold: '详情',
    notes: '脚注',
    back: '回到正文',
    note: '说明',
    tip: '提示',
    important: '重要',
    warning: '警告',
    caution: '小心',
  },
  en: {
    copy: 'Copy',
    copied: 'Copied',
    code: 'Code',
    image: 'Image: ',
    table: 'Table',
    done: 'Done',
    notDone: 'Not done',
    fold: 'Details',
    notes: 'Footnotes',
    back: 'Back to the text',
    note: 'Note',
    tip: 'Tip',
    important: 'Important',
    warning: 'Warning',
    caution: 'Caution',
  },
};

let labels = richTextLabels.en;
const hosts = new Set<WeakRef<ParentNode>>();

/** The words from now on, also where rich text is shown already. */
export function setRichTextLabels(wanted: RichTextLabels): void {
  labels = wanted;
  for (const reference of hosts) {
    const host = reference.deref();
    if (host === undefined) hosts.delete(reference);
    else label(host);
  }
}

/** Keeps what is below this node in the language that is set. */
export function keepLabelled(host: ParentNode): void {
  hosts.add(new WeakRef(host));
}

/** Puts the words where `data-label` and `data-aria` ask for them. */
export function label(root: ParentNode): void {
  for (const element of root.querySelectorAll('[data-label]')) {
    const text = word(element.getAttribute('data-label'));
    if (element.textContent !== text) element.textContent = text;
  }
  for (const element of root.querySelectorAll('[data-aria]')) {
    const text = word(element.getAttribute('data-aria'));
    if (element.ariaLabel !== text) element.ariaLabel = text;
  }
}

function word(name: string | null): string {
  return name !== null && Object.hasOwn(labels, name) ? labels[name as keyof RichTextLabels] : '';
}
