import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FaultError } from '../../../base/faults';

/** Asks for forecasts of one series. */
export interface ModelRequest {
  readonly id: string;
  /** On the grid, gaps filled from before. */
  readonly values: readonly number[];
  /** Indices of the first step to forecast. */
  readonly origins: readonly number[];
}

/** What one model forecast of one series. */
export interface ModelReply {
  readonly id: string;
  readonly method: string;
  /** Per origin 12 rows of quantiles; null where the model failed. */
  readonly q: readonly (readonly (readonly number[])[] | null)[];
  /** Mean per forecast, fit included. */
  readonly cpu_ms: number;
}

/** The program that answers. */
export const MODELS_SCRIPT = join(__dirname, 'statsforecast_baselines.py');

/**
 * Has the models of another program forecast the series.
 *
 * @param python what runs the script
 * @param onReply told of each reply as it comes
 * @throws FaultError when the program ends early
 */
export function askModels(python: string, script: string, requests: readonly ModelRequest[], jobs: number, onReply: (reply: ModelReply) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [script, String(jobs)], { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (chunk) => { complaint = `${complaint}${String(chunk)}`.slice(-2000); });
    child.stdin.on('error', () => undefined); // it ended before it read everything; 'close' tells why
    createInterface({ input: child.stdout }).on('line', (line) => {
      try {
        onReply(JSON.parse(line) as ModelReply);
      } catch (error) {
        child.kill();
        reject(error as Error);
      }
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) {resolve();}
      else {
        reject(new FaultError('the comparison broke off', [{
          where: '--compare', got: complaint.trim().split('\n').at(-1)?.slice(0, 200) || `exit code ${code}`, allowed: 'forecasts of every series',
          do: 'run again; if it stays, remove the folder backtest-compare-* from the cache, or leave out --compare',
        }]));
      }
    });
    for (const request of requests) child.stdin.write(`${JSON.stringify(request)}\n`);
    child.stdin.end();
  });
}
