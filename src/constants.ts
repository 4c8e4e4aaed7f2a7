/**
 * The ids of all commands. People's key bindings and other extensions use them: they may be added to,
 * not changed. A test holds this list, package.json and what is registered against each other.
 */
export const Commands = {
  generateFromSelection: 'seedance.generateFromSelection',
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
  reveal: 'seedance.task.reveal',
  continueFromLastFrame: 'seedance.task.continueFromLastFrame',
  remove: 'seedance.task.remove',
  chooseModel: 'seedance.chooseModel',
  showSpending: 'seedance.showSpending',
  exportSpending: 'seedance.exportSpending',
  cleanUpCopies: 'seedance.cleanUpCopies',
  exportTasks: 'seedance.exportTasks',
  importTasks: 'seedance.importTasks',
  /** For a task in state `unknown`: its id was found, for example in the service's own list. */
  addId: 'seedance.task.addId',
} as const;
export type CommandId = (typeof Commands)[keyof typeof Commands];

/** The type of the preview's webview panels; VS Code restores them by it. */
export const PREVIEW_TYPE = 'seedance.preview';

/** The tree. VS Code makes `seedance.tasks.focus` from it. */
export const TASKS_VIEW = 'seedance.tasks';
