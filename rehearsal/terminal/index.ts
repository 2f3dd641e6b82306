export { createTerminal } from './terminal';
export type { Step, Terminal, TerminalOptions } from './terminal';
