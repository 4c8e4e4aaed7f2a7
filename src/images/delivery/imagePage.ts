import { parseUrl } from '../../common/url';
import { isImageName } from '../imageNames';

/**
 * Web pages about an image. A service that gets such a link gets HTML, refuses it or makes something else of it, and the
 * reason is nowhere to be seen. Addresses are those that the sites document or show; where the image itself has one that
 * follows from it, it is given.
 */
export interface ImagePage {
  /** The link to the image itself. */
  raw?: string;
}

interface Rule {
  /** Of the whole host, in lower case, without `www.` and `m.`. */
  host: RegExp;
  /** @returns `undefined` for a link of this host that is no page about one image, as far as is known */
  read: (url: URL, parts: readonly string[]) => ImagePage | undefined;
}

const ANY_HOST = /./;
const page: ImagePage = {};

function withPath(url: URL, path: string, query = ''): ImagePage {
  return { raw: `${url.protocol}//${url.host}/${path}${query}` };
}

/** Replaces one part of the path, where it stands after the name of a repository. */
function replacePart(url: URL, parts: readonly string[], at: number, ...by: string[]): ImagePage {
  return withPath(url, [...parts.slice(0, at), ...by, ...parts.slice(at + 1)].join('/'));
}

/** Of a search engine, which names the image in its query. It serves some itself, as its logo. */
function readSearch(url: URL, ...names: string[]): ImagePage | undefined {
  const link = names.map((name) => url.searchParams.get(name)).find((value) => parseUrl(value ?? ''));
  return link ? { raw: link } : readPage(url);
}

/** Where all but the files are pages. */
function readPage(url: URL): ImagePage | undefined {
  return isImageName(url.pathname) ? undefined : page;
}

const isFileOf = (parts: readonly string[]) => isImageName(parts.at(-1) ?? '');

/** A drive's link opens a page, except where it says that it downloads, or names a file. */
function readShare(url: URL): ImagePage | undefined {
  const isFile = isImageName(url.pathname) || /\bdownload\b/.test(`${url.pathname}${url.search}`);
  return isFile ? undefined : page;
}

/** The first rule that knows a link decides. */
const RULES: readonly Rule[] = [
  {
    host: /^github\.com$/,
    read: (url, parts) =>
      parts[2] === 'blob' && parts.length > 4
        ? url.searchParams.has('raw')
          ? undefined
          : { raw: `https://raw.githubusercontent.com/${[...parts.slice(0, 2), ...parts.slice(3)].join('/')}` }
        : ['tree', 'issues', 'pull', 'wiki', 'blame', 'commit'].includes(parts[2] ?? '') && !isRawOf(url)
          ? page
          : undefined,
  },
  { host: /^gist\.github\.com$/, read: (_, parts) => (parts[2] === 'raw' ? undefined : page) },
  {
    host: /^bitbucket\.org$/,
    read: (url, parts) => (parts[2] === 'src' && parts.length > 4 ? replacePart(url, parts, 2, 'raw') : undefined),
  },
  {
    host: /^gitverse\.ru$/,
    read: (_, parts) => {
      if (parts[0] === 'api' || parts.includes('raw')) {
        return undefined;
      }
      const rest = parts[2] === 'content' ? ['branch', ...parts.slice(3)] : parts[2] === 'src' ? parts.slice(3) : [];
      return rest.length > 2
        ? { raw: `https://gitverse.ru/api/repos/${parts.slice(0, 2).join('/')}/raw/${rest.join('/')}` }
        : page;
    },
  },
  {
    host: /^(?:gitee|gitea)\.com$/,
    read: (url, parts) => (parts[2] === 'blob' && parts.length > 4 ? replacePart(url, parts, 2, 'raw') : undefined),
  },
  {
    host: /^huggingface\.co$/,
    read: (url, parts) => {
      const at = parts.indexOf('blob');
      return at >= 2 && parts.length > at + 2 ? replacePart(url, parts, at, 'resolve') : undefined;
    },
  },
  {
    host: /^git\.sr\.ht$/,
    read: (url, [owner, repo, tree, ref, item, ...path]) =>
      tree === 'tree' && item === 'item' && path.length > 0
        ? withPath(url, [owner, repo, 'blob', ref, ...path].join('/'))
        : undefined,
  },
  { host: /^dev\.azure\.com$/, read: (_, parts) => (parts.includes('_git') ? page : undefined) },
  // Where a company or a person runs GitLab, Gitea, Forgejo or Gogs itself.
  {
    host: ANY_HOST,
    read: (url, parts) => {
      const gitlab = parts.findIndex((part, at) => part === '-' && /^(?:blob|tree|blame)$/.test(parts[at + 1] ?? ''));
      if (gitlab >= 2 && isFileOf(parts)) {
        return replacePart(url, parts, gitlab + 1, 'raw');
      }
      const isGitea = parts[2] === 'src' && /^(?:branch|commit|tag)$/.test(parts[3] ?? '') && parts.length > 5;
      return isGitea && isFileOf(parts) ? replacePart(url, parts, 2, 'raw') : undefined;
    },
  },
  {
    host: /^drive\.google\.com$/,
    read: (url, parts) => {
      const id = parts[0] === 'file' ? parts[parts.indexOf('d') + 1] : url.searchParams.get('id');
      const isPage = parts[0] === 'file' || parts[0] === 'open' || parts[0] === 'drive';
      return !isPage
        ? undefined
        : id && /^[\w-]{10,}$/.test(id)
          ? { raw: `https://drive.google.com/uc?export=download&id=${id}` }
          : page;
    },
  },
  { host: /^(?:photos\.google\.com|photos\.app\.goo\.gl)$/, read: () => page },
  { host: /^docs\.google\.com$/, read: (_, [first]) => (first === 'uc' ? undefined : page) },
  {
    host: /^dropbox\.com$/,
    read: (url, [first]) => {
      if (url.searchParams.get('raw') === '1' || url.searchParams.get('dl') === '1') {
        return undefined;
      }
      if (!/^(?:s|scl|sh)$/.test(first ?? '') || !isImageName(url.pathname)) {
        return page;
      }
      const raw = new URL(url);
      raw.searchParams.delete('dl');
      raw.searchParams.set('raw', '1');
      return { raw: raw.href };
    },
  },
  { host: /^(?:disk\.yandex\.[a-z.]+|yadi\.sk|disk\.360\.yandex\.ru)$/, read: () => page },
  { host: /^cloud\.mail\.ru$/, read: () => page },
  { host: /^(?:1drv\.ms|onedrive\.live\.com|.*\.sharepoint\.com|.*\.icloud\.com|mega\.nz|mega\.io)$/, read: readShare },
  { host: /^(?:wetransfer\.com|we\.tl|mediafire\.com|box\.com|app\.box\.com|pcloud\.com|file\.io)$/, read: readShare },
  {
    host: /^imgur\.com$/,
    read: (_, parts) => {
      const [id = ''] = parts;
      return parts.length === 1 && /^[A-Za-z0-9]{5,8}$/.test(id) ? { raw: `https://i.imgur.com/${id}.png` } : page;
    },
  },
  {
    host: /^unsplash\.com$/,
    read: (_, [first, slug = '', action]) => {
      const id = /(?:^|-)([\w-]{11})$/.exec(slug)?.[1];
      return first !== 'photos' || action === 'download'
        ? undefined
        : id
          ? { raw: `https://unsplash.com/photos/${id}/download` }
          : page;
    },
  },
  {
    // `File:` in whatever language; the name of the file has its extension.
    host: /(?:^|\.)(?:wikimedia|wikipedia|wiktionary|wikivoyage)\.org$/,
    read: (url, parts) => {
      const name = (parts[0] === 'wiki' ? (parts[1] ?? '') : '') + url.hash;
      const file = /(?:[^/#]*(?:%3A|:))([^/#]+)$/i.exec(name)?.[1];
      return file && isImageName(file) && !/^special/i.test(parts[1] ?? '')
        ? { raw: `${url.protocol}//${url.host.replace('.m.', '.')}/wiki/Special:FilePath/${file}` }
        : parts[0] === 'wiki' && !/^special(?::|%3A)(?:file_?path|redirect)/i.test(parts[1] ?? '')
          ? page
          : undefined;
    },
  },
  { host: /^google\.[a-z.]+$/, read: (url) => readSearch(url, 'imgurl', 'url') },
  { host: /^(?:yandex\.[a-z.]+|ya\.ru)$/, read: (url) => readSearch(url, 'img_url') },
  { host: /^bing\.com$/, read: (url) => readSearch(url, 'mediaurl') },
  { host: /^duckduckgo\.com$/, read: readPage },
  {
    host: /^(?:flickr\.com|flic\.kr|pinterest\.[a-z.]+|pin\.it|instagram\.com|facebook\.com|fb\.com|twitter\.com|x\.com|threads\.net|bsky\.app|reddit\.com|redd\.it|tumblr\.com|deviantart\.com|artstation\.com|behance\.net|dribbble\.com|500px\.com|pexels\.com|pixabay\.com|freepik\.com|shutterstock\.com|istockphoto\.com|gettyimages\.[a-z.]+|vk\.com|vk\.ru|ok\.ru|t\.me|telegram\.me|pikabu\.ru|civitai\.com|midjourney\.com|lexica\.art|figma\.com|canva\.com|notion\.so)$/,
    read: readPage,
  },
  {
    host: /^(?:ibb\.co|imgbb\.com|postimg\.cc|postimages\.org|prnt\.sc|gyazo\.com|imgbox\.com|imageban\.ru|radikal\.cloud|fastpic\.org|ibb\.co\.com|snipboard\.io|lightshot\.com|giphy\.com|tenor\.com)$/,
    read: readPage,
  },
];

function isRawOf(url: URL): boolean {
  return url.searchParams.get('raw') === 'true' || url.searchParams.get('raw') === '1';
}

/** @returns `undefined` for a link that is no page, as far as its address shows */
export function findImagePage(href: string): ImagePage | undefined {
  const url = parseUrl(href);
  if (!url) {
    return undefined;
  }
  const host = url.hostname.replace(/\.$/, '').replace(/^(?:www|m|mobile|old)\.(?=[^.]+\.)/, '');
  const parts = url.pathname.split('/').filter((part) => part !== '');
  for (const rule of RULES) {
    const found = rule.host.test(host) ? rule.read(url, parts) : undefined;
    if (found) {
      return found.raw !== undefined && findImagePage(found.raw) ? page : found;
    }
  }
  return undefined;
}
