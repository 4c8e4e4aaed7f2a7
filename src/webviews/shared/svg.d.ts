/** The text of an SVG file: esbuild puts it into the bundle. */
declare module '*.svg' {
  const text: string;
  export default text;
}
