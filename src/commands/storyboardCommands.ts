/**
 * Commands of storyboards, loaded with the first of them: they read Markdown, and most people who run another command have no
 * storyboard.
 */
export { showLooseTakes } from './looseTakes';
export { openStoryboard } from './openStoryboard';
export { generateShot, runStoryboard, stopStoryboard } from './storyboard';
export { chooseTake, useTake } from './storyboardTakes';
