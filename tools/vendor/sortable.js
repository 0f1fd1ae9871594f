// Drag and drop.
export { default as Sortable } from 'sortablejs';
