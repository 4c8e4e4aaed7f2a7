/** Endings of the formats that the service takes, as systems and programs spell them. */
const TAKEN = ['png', 'apng', 'jpg', 'jpeg', 'jpe', 'jfif', 'pjpeg', 'pjp', 'webp', 'bmp', 'dib', 'tif', 'tiff', 'gif'];
/** Of cameras and the web: offered as well, so that the user reads why it cannot be used instead of missing it. */
const NOT_TAKEN = ['heic', 'heif', 'hif', 'avif'];

/** Endings of files that are offered as a first frame, in lower case and without a dot. */
export const IMAGE_EXTENSIONS: readonly string[] = [...TAKEN, ...NOT_TAKEN];

const IMAGE_NAME = new RegExp(`\\.(?:${IMAGE_EXTENSIONS.join('|')})$`, 'i');

/** Whether a file is probably an image by its name, in any case of letters. What it really is, its content says. */
export function isImageName(name: string): boolean {
  return IMAGE_NAME.test(name);
}
