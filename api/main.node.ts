import './packages.node.ts';
import { runProgram } from '../wire/program.node.ts';
import { readSettings } from './settings.ts';

const { startApi } = await import('./serve.node.ts');
await runProgram('api', readSettings, startApi);
