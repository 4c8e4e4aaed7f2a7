/** Size of an image in pixels, as a browser shows it: with the orientation applied. */
export interface ImageSize {
  width: number;
  height: number;
}
