/**
 * The page that draws last frames while no other page of ours is visible. It shows that it does, and nothing else. Text is
 * only set as `textContent`.
 *
 * Tests find elements by these ids, so they must not change: #taking
 */
import type { FrameReply, LastFrameStrings } from '../../views/lastFrame/protocol';
import { h } from '../shared/dom';
import { answerFrameRequests } from '../shared/lastFrame';
import { connectToHost, readPageData } from '../shared/messages';

const strings = readPageData('strings') as LastFrameStrings;
// Every message is a request, which `answerFrameRequests` reads.
const host = connectToHost<FrameReply, never>(
  () => undefined,
  () => undefined,
);
document.body.append(h('main', { id: 'taking' }, h('h1', {}, strings.taking), h('p', {}, strings.hint)));
answerFrameRequests(host);
host.postMessage({ type: 'ready' });
