import type { RefreshedPrices } from './refreshed-rows';

/** Written by `npx projen price:refresh`. Do not edit: what is here goes before the rows written by hand. */
export const refreshed: RefreshedPrices = { offers: {}, prices: {} };
