export { reportSchema, schemaDocument } from './document';
export { policySentence } from './format';
export { renderHtml } from './html';
export { renderMarkdown } from './markdown';
export type { PolicyResult, Report } from './schema';
export { summary } from './summary';
export { parseReport } from './validate';
export { compare, outcome, verdict } from './verdict';
export { writeReport } from './write';
