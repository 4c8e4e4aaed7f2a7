/** The text of an SVG file, which esbuild puts into the bundle. */
declare module '*.svg' {
  const text: string;
  export default text;
}
