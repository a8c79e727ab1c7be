import type { Model } from '../model/model.ts';
import type { Scene } from '../model/scene.ts';
import { defaultView } from '../model/view.ts';
import { scenes } from './scenes.ts';

/** The scene that the address names. */
export const sceneNamed = (id: string): Scene | undefined => scenes.find((scene) => scene.id === id);

/** Takes the scene's composition and view, and lets it run. Plugins that are loaded stay. */
export function openScene(model: Model, scene: Scene): void {
  model.restore({ composition: scene.composition, view: { ...defaultView, ...scene.view, scene: scene.id }, plugins: [] });
  model.setPace(Infinity);
  model.start();
}
