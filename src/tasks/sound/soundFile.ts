/**
 * The name of a video's sound beside its copy. It is a copy of what the copy holds: it goes with it, and can be made
 * again.
 */
export const getSoundName = (id: string): string => `${id}.sound.wav`;
