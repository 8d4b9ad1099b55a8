// What a file is to whoever looks at it from outside, and what its bytes may say that it is.

/** How much of a file models can be given to read; `cut`: there is more in it, which is left out. */
export type FileReading = { characters: number; cut: boolean };

/** As messages tell of it. `text` is null where nothing can be read in it; of older messages it is not known. */
export type FileRef = {
  id: string;
  name: string;
  media_type: string;
  size: number;
  text?: FileReading | null | undefined;
};

/** Pictures that models see and browsers show; nothing in them can run. */
export const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

export const isImageType = (mediaType: string): boolean =>
  (imageTypes as readonly string[]).includes(mediaType);

/** What a model is given to read of a file, and whether there is more in it. */
export type FileText = { text: string; cut: boolean };
