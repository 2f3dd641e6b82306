import type { ProductInput } from './product';

/** What an empty catalog may be filled with, to have something to show. */
export const samples: readonly ProductInput[] = [
  { sku: 'BUOY-RED-01', name: 'Channel buoy, red', description: 'Polyethylene marker, 40 cm, with mooring eye', priceCents: 18900, currency: 'EUR', stock: 12 },
  { sku: 'CHART-NORTH-SEA', name: 'North Sea passage chart', description: 'Waterproof paper, 1:750 000', priceCents: 3450, currency: 'EUR', stock: 80 },
  { sku: 'COMPASS-HAND', name: 'Hand bearing compass', description: 'Illuminated card, damped', priceCents: 7900, currency: 'EUR', stock: 25 },
  { sku: 'LINE-12-50', name: 'Mooring line 12 mm', description: 'Polyester, eight strands, 50 m', priceCents: 6200, currency: 'EUR', stock: 140 },
  { sku: 'PUMP-BILGE-12V', name: 'Bilge pump 12 V', description: '1900 litres an hour', priceCents: 4990, currency: 'EUR', stock: 33 },
  { sku: 'TABLE-TIDES', name: 'Tide tables', description: 'Harmonic predictions for 120 ports', priceCents: 1850, currency: 'EUR', stock: 300 },
];
