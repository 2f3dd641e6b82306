import { number, readSettings, text } from '../../base/settings';

/** What the refresh task may be told from outside. */
export const readRefreshSettings = (environment: Readonly<Record<string, string | undefined>> = process.env) => readSettings({
  priceList: text({ env: 'PRICE_LIST_URL', description: 'where AWS\'s price list is, or a mirror of it', fallback: 'https://pricing.us-east-1.amazonaws.com' }),
  idleSeconds: number({ env: 'PRICE_LIST_IDLE_SECONDS', description: 'seconds without a byte after which a download is given up', fallback: 60, min: 1, max: 3600 }),
}, environment);
