import { BlockList, isIP } from 'node:net';
import { lookup as lookUp } from 'node:dns/promises';
import type { Fetch } from './http';
import { parseUrl } from './url';

/**
 * May this address be asked? One answer for every link that comes from outside: from the service, a file, a record, a
 * text, an answer of a server, and from each redirect.
 *
 * A link into this computer or its network is refused: a request to it can change what it leads to (a router, a
 * service without a password), and the service could not read an image there. What a user has set up as an address
 * (`seedance.apiBaseUrl`, an upload) is not asked about here.
 */

/** Not on the internet, by name: the host itself, and what ends with a dot and this. RFC 6761, 6762, 8375, and customs. */
const PRIVATE_NAMES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'test',
  'invalid',
  'onion',
];

/** IANA's registries of special addresses: what is not reachable from everywhere. */
const PRIVATE_IPV4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/**
 * For measurements in laboratories. VPN clients with "fake IP" answer with addresses from here for every name on the
 * internet (seen in sing-box and Clash), so a name that leads here proves nothing, though a link to one is none.
 */
const FAKE_IPV4: readonly [string, number] = ['198.18.0.0', 15];
/** The same for IPv6, from the private addresses. */
const FAKE_IPV6: readonly [string, number][] = [
  ['fc00::', 18],
  ['fdfe:dcba:9876::', 64],
];
/** All that is not global unicast, and what is special within it: Teredo, ORCHID, documentation. */
const GLOBAL_IPV6: readonly [string, number] = ['2000::', 3];
const PRIVATE_IPV6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
];

function createList(subnets: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  subnets.forEach(([network, prefix]) => list.addSubnet(network, prefix, family));
  return list;
}

const privateIpv4 = createList(PRIVATE_IPV4, 'ipv4');
const fakeIpv4 = createList([FAKE_IPV4], 'ipv4');
const privateIpv6 = createList(PRIVATE_IPV6, 'ipv6');
const fakeIpv6 = createList(FAKE_IPV6, 'ipv6');
const globalIpv6 = createList([GLOBAL_IPV6], 'ipv6');

/** @param isResolved it is what a name leads to */
function isPrivateIp(ip: string, isResolved: boolean): boolean {
  if (isIP(ip) === 4) {
    return privateIpv4.check(ip) || (!isResolved && fakeIpv4.check(ip));
  }
  const inside = getEmbeddedIpv4(ip);
  if (inside !== undefined) {
    return isPrivateIp(inside, isResolved);
  }
  if (isResolved && fakeIpv6.check(ip, 'ipv6')) {
    return false;
  }
  return !globalIpv6.check(ip, 'ipv6') || privateIpv6.check(ip, 'ipv6');
}

/** The IPv4 address that an IPv6 one stands for: mapped, compatible, translated (NAT64), 6to4. */
function getEmbeddedIpv4(ip: string): string | undefined {
  const groups = getGroups(ip);
  if (!groups) {
    return undefined;
  }
  const isZero = (from: number, to: number) => groups.slice(from, to).every((group) => group === 0);
  const toIpv4 = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const last = toIpv4(groups[6]!, groups[7]!);
  if (isZero(0, 5) && groups[5] === 0xffff) {
    return last;
  }
  // `::` and `::1` are of this shape too, and 0.0.0.0/8 is as private as they are.
  if (isZero(0, 6) || (isZero(0, 4) && groups[4] === 0xffff && groups[5] === 0)) {
    return last;
  }
  if (groups[0] === 0x64 && groups[1] === 0xff9b && isZero(2, 6)) {
    return last;
  }
  return groups[0] === 0x2002 ? toIpv4(groups[1]!, groups[2]!) : undefined;
}

/** The eight numbers of an IPv6 address. `URL` writes every form of one in the same way. */
function getGroups(ip: string): number[] | undefined {
  const text = parseUrl(`http://[${ip.replace(/%.*$/, '')}]/`)?.hostname.slice(1, -1);
  if (text === undefined) {
    return undefined;
  }
  const [left = [], right = []] = text.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].map((group) => parseInt(group, 16));
}

/**
 * Whether a host is this computer or in its network, as far as its name or number says. `URL` has read numbers in
 * every form (`2130706433`, `0x7f.1`, `0177.0.0.1`) before this.
 */
export function isPrivateHost(hostname: string): boolean {
  if (hostname.startsWith('[')) {
    return isPrivateIp(hostname.slice(1, -1), false);
  }
  const name = hostname.toLowerCase().replace(/\.+$/, '');
  if (isIP(name) === 4) {
    return isPrivateIp(name, false);
  }
  // A name without a dot is one of the own network.
  return !name.includes('.') || PRIVATE_NAMES.some((end) => name === end || name.endsWith(`.${end}`));
}

/**
 * @param base the URL of the API. What is on the same host is asked: in tests, behind a local proxy, or in a company
 * the service itself is there. Absent: nobody knows where the service is.
 */
export function isPubliclyReachable(url: URL, base: URL | undefined): boolean {
  return !isPrivateHost(url.hostname) || url.hostname === base?.hostname;
}

/** All addresses of a name. A parameter so that a test can answer. */
export type LookUp = (hostname: string) => Promise<readonly string[]>;

const systemLookUp: LookUp = async (hostname) => (await lookUp(hostname, { all: true })).map(({ address }) => address);

/** Nobody waits long for a name: without an answer the request itself finds out. */
const LOOK_UP_LIMIT_MS = 3_000;

/**
 * The same, and also what the name leads to. A name that is not known here is let pass: a proxy may know it, and
 * without one there is no request.
 */
export async function leadsToPublicAddress(url: URL, base: URL | undefined, lookUp = systemLookUp): Promise<boolean> {
  if (!isPubliclyReachable(url, base)) {
    return false;
  }
  if (url.hostname === base?.hostname || url.hostname.startsWith('[') || isIP(url.hostname) !== 0) {
    return true;
  }
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<readonly string[]>((resolve) => (timer = setTimeout(() => resolve([]), LOOK_UP_LIMIT_MS)));
  try {
    const addresses = await Promise.race([lookUp(url.hostname), limit]);
    return !addresses.some((address) => isPrivateIp(address, true));
  } catch {
    return true;
  } finally {
    clearTimeout(timer);
  }
}

/** A link, or where it redirects to, leads into this computer or its network. Nothing was sent. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  constructor(readonly host: string) {
    super(`${host} is inside this computer or its network`);
  }
}

/**
 * A fetch that asks no private address. It follows no redirect by itself, so each comes through here.
 *
 * @throws {PrivateAddressError}
 */
export function createGuardedFetch(fetch: Fetch, base: () => URL | undefined, lookUp?: LookUp): Fetch {
  return async (link, init) => {
    const url = new URL(link);
    if (!(await leadsToPublicAddress(url, base(), lookUp))) {
      throw new PrivateAddressError(url.host);
    }
    return fetch(link, { ...init, redirect: 'manual' });
  };
}
