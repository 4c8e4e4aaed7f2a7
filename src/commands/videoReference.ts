import path from 'node:path';
import { encodePath, formatLink } from '../common/markdownLink';

/** A saved video as a document refers to it. */
export interface VideoReference {
  /** The first words of its prompt, one line of plain text. */
  title: string;
  /** Relative to the folder of the document, with `/`. Not encoded. */
  path: string;
  /** Of the picture, pixels; not set where the file does not tell. */
  size?: { width: number; height: number } | undefined;
  /** The picture that stands for it until it plays, as `path` is; not set while there is none. */
  poster?: string | undefined;
  /** A GIF of it, as `path` is. Moves where no player is: in Markdown it is shown in place of the poster. */
  animation?: string | undefined;
}

/** Languages whose `<video>` is written as HTML writes it. */
const HTML = new Set(['html', 'vue', 'vue-html', 'svelte', 'astro', 'php', 'handlebars', 'erb', 'twig', 'liquid']);
/** Languages whose tags are JSX: braces begin an expression there, and attributes are named as in the DOM. */
const JSX = new Set(['mdx', 'javascriptreact', 'typescriptreact']);

/** What shows a video in a document of a language; a plain path where nothing is known of it. */
export function formatVideoReference(video: VideoReference, languageId: string): string {
  if (languageId === 'markdown' || languageId === 'quarto' || languageId === 'rmd') {
    return formatMarkdownLink(video);
  }
  if (HTML.has(languageId)) {
    return formatTag(video, { number: (value) => `"${value}"`, inline: 'playsinline' });
  }
  if (JSX.has(languageId)) {
    return formatTag(video, { number: (value) => `{${value}}`, inline: 'playsInline' });
  }
  return video.path;
}

/** What the service sends now and then in place of an MP4: a picture that moves, which no player takes. */
const PICTURE = /\.(?:gif|webp|png|avif)$/i;

/**
 * A link: no README plays a video from its repository, and each opens one. A GIF or its poster is what is seen of it, or
 * else its title. A picture that moves is shown.
 */
export function formatMarkdownLink({ title, path: target, poster, animation }: VideoReference): string {
  const link = formatLink(title, target);
  if (isPicture(target)) {
    return `!${link}`;
  }
  const picture = animation ?? poster;
  return picture === undefined ? link : `[!${formatLink(title, picture)}](${encodePath(target)})`;
}

/** Whether a file is a picture, maybe one that moves, and needs no poster. */
export function isPicture(path: string): boolean {
  return PICTURE.test(path);
}

/** What stands between several of them. */
export function getSeparator(languageId: string): string {
  return /^(?:markdown|mdx|quarto|rmd)$/.test(languageId) ? '\n\n' : '\n';
}

/** The path from a document to a file, both as paths of URIs; `undefined` between two drives of Windows. */
export function getRelativePath(document: string, file: string): string | undefined {
  const drive = (one: string) => /^\/([a-z]):/i.exec(one)?.[1]?.toLowerCase();
  if (drive(document) !== drive(file)) {
    return undefined;
  }
  // VS Code writes a drive now large, now small.
  const [from, to] = [document, file].map((one) => one.replace(/^\/[a-z]:/i, (start) => start.toLowerCase()));
  return path.posix.relative(path.posix.dirname(from!), to!);
}

interface TagStyle {
  number: (value: number) => string;
  inline: string;
}

function formatTag({ title, path: target, size, poster }: VideoReference, { number, inline }: TagStyle): string {
  const source = escapeTag(encodePath(target));
  if (isPicture(target)) {
    return `<img src="${source}" alt="${escapeTag(title)}" />`;
  }
  const pixels = size ? ` width=${number(size.width)} height=${number(size.height)}` : '';
  const still = poster === undefined ? '' : ` poster="${escapeTag(encodePath(poster))}"`;
  return `<video src="${source}"${still}${pixels} controls loop ${inline}>\n  <a href="${source}">${escapeTag(title)}</a>\n</video>`;
}

/** As character references, which JSX knows too. Templates read braces in what HTML takes for text. */
function escapeTag(text: string): string {
  return text.replace(/[&<>"'{}]/g, (char) => `&#${char.charCodeAt(0)};`);
}
