import './packages.ts';
import { runProgram } from '../wire/program.node.ts';
import { agentSettings } from './settings.ts';

const { startAgent } = await import('./start.ts');
await runProgram('agent', agentSettings, startAgent);
