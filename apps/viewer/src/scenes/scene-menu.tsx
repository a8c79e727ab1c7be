import type { Model } from '../model/model.ts';
import { openScene } from './open-scene.ts';
import { scenes } from './scenes.ts';

/** All guided terrains by title. */
export function SceneMenu({ model }: { readonly model: Model }) {
  const open = model.view.value.scene;
  return (
    <nav class="scene-menu" aria-label="Guided terrains">
      <h2>Guided terrains</h2>
      <ul>
        {scenes.map((scene) => (
          <li key={scene.id}>
            <button type="button" aria-current={scene.id === open ? 'true' : undefined} onClick={() => openScene(model, scene)}>
              {scene.title}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
