// Small pictures of files, and a sign for those that have none.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { filePath, isPicture } from '../api/files.ts';
import type { DraftFile } from '../state/drafts.ts';

/** Of a screen that is sharp. */
const pixels = 96;

/** From the file itself where this page has it, which costs no way to the server; else as that has it. */
export function DraftPicture({ file, blob }: { file: DraftFile; blob: File | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDrawn = useSignal(false);
  useEffect(() => {
    if (!blob || !/^image\/(png|jpeg|gif|webp)$/.test(blob.type)) return;
    draw(blob, canvas.current).then(
      () => {
        isDrawn.value = true;
      },
      // It only says that it is a picture.
      () => {},
    );
  }, [blob]);
  return (
    <div class="file-sign">
      {blob ? (
        <canvas ref={canvas} width={pixels} height={pixels} hidden={!isDrawn.value} />
      ) : (
        file.id !== '' && isPicture(file) && <img src={filePath(file.id)} alt="" decoding="async" />
      )}
      {(blob ? !isDrawn.value : !isPicture(file)) && <FileSign />}
    </div>
  );
}

/** Fills it, without what does not fit. */
async function draw(blob: Blob, canvas: HTMLCanvasElement | null): Promise<void> {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const side = Math.min(width, height);
  canvas
    ?.getContext('2d')
    ?.drawImage(bitmap, (width - side) / 2, (height - side) / 2, side, side, 0, 0, pixels, pixels);
  bitmap.close();
}

export function FileSign() {
  return (
    <svg class="glyph" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6" />
    </svg>
  );
}
