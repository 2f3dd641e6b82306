export { renderHtml } from './html';
export { renderMarkdown } from './markdown';
export type { PolicyResult, Report } from './schema';
export { summary } from './summary';
export { compare, verdict } from './verdict';
export { writeReport } from './write';
