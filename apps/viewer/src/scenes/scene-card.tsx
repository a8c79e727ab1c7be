import type { Model } from '../model/model.ts';
import type { Scene } from '../model/scene.ts';
import { openScene, sceneNamed } from './open-scene.ts';
import { scenes } from './scenes.ts';

/** The scene's words, and the way to the others. */
export function SceneCard({ model, scene }: { readonly model: Model; readonly scene: Scene }) {
  const next = scenes[(scenes.indexOf(scene) + 1) % scenes.length]!;
  return (
    <section class="scene-card" aria-labelledby="scene-title">
      <header>
        <h2 id="scene-title">{scene.title}</h2>
        <div class="scene-tools">
          <select
            aria-label="Guided terrain"
            value={scene.id}
            onChange={({ currentTarget }) => {
              const chosen = sceneNamed(currentTarget.value);
              if (chosen !== undefined) openScene(model, chosen);
            }}
          >
            {scenes.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
          <button type="button" onClick={() => openScene(model, next)}>
            Next
          </button>
          <button type="button" onClick={() => openScene(model, scene)}>
            As it was
          </button>
          <button type="button" onClick={() => model.look({ scene: '' })}>
            Close
          </button>
        </div>
      </header>
      <div class="scene-words">
        {scene.paragraphs.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
    </section>
  );
}
