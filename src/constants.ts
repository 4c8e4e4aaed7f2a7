/**
 * The ids of all commands. Key bindings of users and other extensions refer to them, so an id must not change. A test
 * compares this list, package.json and the command table.
 */
export const Commands = {
  generateFromSelection: 'seedance.generateFromSelection',
  generateFromParagraph: 'seedance.generateFromParagraph',
  generate: 'seedance.generate',
  useAsFirstFrame: 'seedance.useAsFirstFrame',
  useImageAtCursor: 'seedance.useImageAtCursor',
  setApiKey: 'seedance.setApiKey',
  removeApiKey: 'seedance.removeApiKey',
  setUpImageBucket: 'seedance.setUpImageBucket',
  setUpImageUpload: 'seedance.setUpImageUpload',
  showBalance: 'seedance.showBalance',
  addTask: 'seedance.addTask',
  refresh: 'seedance.refresh',
  groupChains: 'seedance.groupChains',
  ungroupChains: 'seedance.ungroupChains',
  showLog: 'seedance.showLog',
  preview: 'seedance.task.preview',
  save: 'seedance.task.save',
  saveAs: 'seedance.task.saveAs',
  again: 'seedance.task.again',
  check: 'seedance.task.check',
  copyPrompt: 'seedance.task.copyPrompt',
  copyId: 'seedance.task.copyId',
  copyLink: 'seedance.task.copyLink',
  copyMarkdown: 'seedance.task.copyMarkdown',
  insert: 'seedance.task.insert',
  exportGif: 'seedance.task.exportGif',
  exportFrames: 'seedance.task.exportFrames',
  copyDiagnostics: 'seedance.copyDiagnostics',
  reveal: 'seedance.task.reveal',
  continueFromLastFrame: 'seedance.task.continueFromLastFrame',
  remove: 'seedance.task.remove',
  chooseModel: 'seedance.chooseModel',
  showSpending: 'seedance.showSpending',
  exportSpending: 'seedance.exportSpending',
  findVideo: 'seedance.findVideo',
  compare: 'seedance.compare',
  openGallery: 'seedance.openGallery',
  newStoryboard: 'seedance.newStoryboard',
  runStoryboard: 'seedance.storyboard.run',
  generateShot: 'seedance.storyboard.generateShot',
  stopStoryboard: 'seedance.storyboard.stop',
  /** Takes of a storyboard whose shots are no longer in it. */
  showLooseTakes: 'seedance.storyboard.takesWithoutShot',
  cleanUpCopies: 'seedance.cleanUpCopies',
  exportTasks: 'seedance.exportTasks',
  importTasks: 'seedance.importTasks',
  /** For a task in state `unknown` whose id the user found, for example on the site of the service. */
  addId: 'seedance.task.addId',
  usePrompt: 'seedance.prompt.use',
  openStoryboard: 'seedance.storyboard.open',
  chooseTake: 'seedance.storyboard.chooseTake',
  useTake: 'seedance.storyboard.useTake',
} as const;
export type CommandId = (typeof Commands)[keyof typeof Commands];

/** The view type of preview panels; VS Code restores them by it. */
export const PREVIEW_TYPE = 'seedance.preview';

/** The view type of panels that compare takes; VS Code restores them by it. */
export const COMPARE_TYPE = 'seedance.compare';

/** The view type of the gallery; VS Code restores it by it. */
export const GALLERY_TYPE = 'seedance.gallery';

/** The id of the task tree. VS Code registers the command `seedance.tasks.focus` for it. */
export const TASKS_VIEW = 'seedance.tasks';
/** What a dragged row of the list carries: the ids of its tasks, a line each. VS Code gives each tree a type of this form. */
export const TASK_ROWS_MIME = 'application/vnd.code.tree.seedance.tasks';

/** The id of the view "Create". VS Code registers the command `seedance.composer.focus` for it. */
export const COMPOSER_VIEW = 'seedance.composer';

/** The id of the view that the side bar has while it draws a frame. */
export const LAST_FRAME_VIEW = 'seedance.lastFrame';

/** The scheme of prompts in editors; package.json names it. */
export const PROMPT_SCHEME = 'seedance-prompt';
