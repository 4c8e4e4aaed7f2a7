/** Everything that rows of the tree need, loaded with the first of them. */
export { createLayout } from './taskTreeLayout';
export { createPageItem, createTaskItem, getRowText, getTitleWithSize, getTooltip } from './taskTreeItem';
export { GroupRows } from './groupRows';
