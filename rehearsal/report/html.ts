import type { Report } from './schema';

export function renderHtml(report: Report): string {
  return `<!doctype html><title>${report.environment}</title>`;
}
