import { FIRST_PORT } from '../../demo/bookinfo/ports.ts';

/** The ports of `gatehouse up`. Each is named after its option: `http` is the port of `--http`. */
export interface UpPorts {
  http: number;
  https: number;
  apiPort: number;
  agentPort: number;
  demoPort: number;
}

/** The ports of the first start in a folder. Browsers open each of them. */
export const DEFAULT_PORTS: UpPorts = {
  http: 10_180,
  https: 10_443,
  apiPort: 8480,
  agentPort: 8481,
  demoPort: FIRST_PORT,
};
