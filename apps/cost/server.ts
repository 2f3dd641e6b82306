import { run, serve } from '../http/serve';
import { buildCostService } from './app';
import { costSettings } from './settings';

run(async () => {
  const settings = costSettings();
  await serve(await buildCostService(settings), settings);
});
