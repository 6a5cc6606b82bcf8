/** Copies the files of the documentation page to the folder from which `wrangler` serves static assets. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { assetNames, documentationAsset } from '../assets.node.ts';

const folder = new URL('../../.cache/worker-assets/docs/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const name of assetNames) writeFileSync(new URL(name, folder), documentationAsset(name)!.body.bytes);
