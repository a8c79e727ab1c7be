import { createRegistry, LowlandError, type Plugin, type Registry } from '@lowland/core';
import { plugin as landscape } from '@lowland/landscape';
import { plugin as objectives } from '@lowland/objectives';
import { plugin as optimizers } from '@lowland/optimizers';

import { cpuDefinition } from './cpu.ts';
import { markForeign } from './making.ts';
import type { PluginText } from './protocol.ts';

const own: Plugin = { apiVersion: 1, name: 'lowland', version: landscape.version, backends: [cpuDefinition] };

/** Everything that can be named: what comes with the page, and the plugins that the person has loaded. */
export async function loadRegistry(texts: readonly PluginText[]): Promise<Registry> {
  const plugins = [own, objectives, optimizers, landscape, ...(await graphics())];
  for (const text of texts) {
    const plugin = await evaluate(text);
    markForeign(plugin);
    plugins.push(plugin);
  }
  return createRegistry(plugins);
}

/** The backend `webgpu`, where the browser has WebGPU: its program is loaded only there. */
async function graphics(): Promise<readonly Plugin[]> {
  if (!('navigator' in globalThis && 'gpu' in navigator)) return [];
  return [(await import('@lowland/webgpu')).plugin];
}

/**
 * The plugin that a module exports as `default` or `plugin`.
 *
 * @throws LOWLAND_E_PLUGIN when the module does not load, or exports neither; what it exports is checked by the registry
 */
async function evaluate({ source, text }: PluginText): Promise<Plugin> {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  let module: Record<string, unknown>;
  try {
    module = (await import(/* @vite-ignore */ address)) as Record<string, unknown>;
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new LowlandError('LOWLAND_E_PLUGIN', `The plugin ${source} does not load: ${words}. Give one JavaScript module that imports nothing by name; bundle what it needs into it.`, { cause });
  } finally {
    URL.revokeObjectURL(address);
  }
  const plugin = module['default'] ?? module['plugin'];
  if (plugin === undefined) throw new LowlandError('LOWLAND_E_PLUGIN', `${source} exports no plugin; expected one as the default export, or as the export "plugin".`);
  return plugin as Plugin;
}
