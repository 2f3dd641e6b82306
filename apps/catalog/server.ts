import { run, serve } from '../http/serve';
import { buildCatalogService } from './app';
import { catalogSettings } from './settings';

run(async () => {
  const settings = catalogSettings();
  await serve(await buildCatalogService(settings), settings);
});
