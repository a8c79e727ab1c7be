import { useEffect, useState } from 'preact/hooks';

import { ComposeForm } from './compose/compose-form.tsx';
import { openServed } from './files/served.ts';
import type { Model } from './model/model.ts';
import { followTheme } from './panels/draw/theme.ts';
import { followDrops } from './shell/drop-zone.ts';
import { Header } from './shell/header.tsx';
import { HelpDialog } from './shell/help-dialog.tsx';
import { followKeyboard } from './shell/keyboard.ts';
import { Notice } from './shell/notice.tsx';
import { PluginDialog } from './shell/plugin-dialog.tsx';
import { ShareDialog } from './shell/share-dialog.tsx';
import { RunBar } from './stage/run-bar.tsx';
import { sceneNamed } from './scenes/open-scene.ts';
import { SceneCard } from './scenes/scene-card.tsx';
import { SceneDrags } from './scenes/scene-drags.tsx';
import { SceneMenu } from './scenes/scene-menu.tsx';
import { allPanels, Stage } from './stage/stage.tsx';

/** A dialog that was opened: opened again it is another. */
interface Opened {
  readonly name: 'share' | 'plugin' | 'help';
  readonly turn: number;
}

export function App({ model }: { readonly model: Model }) {
  const [dialog, setDialog] = useState<Opened | null>(null);
  const show = (name: Opened['name']): void => { setDialog((now) => ({ name, turn: (now?.turn ?? 0) + 1 })); };
  // browsers tell of a closing later than it happens: by then another dialog may have been opened, and stays
  const close = (): void => { setDialog((now) => (now === dialog ? null : now)); };
  useEffect(() => followTheme(), []);
  useEffect(() => followDrops(model), [model]);
  useEffect(() => openServed(model), [model]);
  useEffect(
    () =>
      followKeyboard(model, {
        share: () => { show('share'); },
        help: () => { show('help'); },
        open: () => { document.querySelector<HTMLButtonElement>('[data-open=files]')?.click(); },
      }),
    [model],
  );
  const catalogue = model.catalogue.value;
  const scene = sceneNamed(model.view.value.scene);
  const asked = dialog?.name === 'plugin' || model.offered.value !== null;
  return (
    <>
      <Header model={model} onShare={() => { show('share'); }} onPlugin={() => { show('plugin'); }} onHelp={() => { show('help'); }} />
      <Notice model={model} />
      <div class="columns">
        <aside class="side">
          <details class="side-fold" open={matchMedia('(min-width: 861px)').matches}>
            <summary>Compose</summary>
            {catalogue === null ? <p class="panel-empty">Loading what can be composed …</p> : <ComposeForm model={model} catalogue={catalogue} />}
          </details>
        </aside>
        <main class="main">
          {scene === undefined ? <SceneMenu model={model} /> : <SceneCard model={model} scene={scene} />}
          <RunBar model={model}>{scene !== undefined && <SceneDrags key={scene.id} model={model} scene={scene} />}</RunBar>
          {catalogue !== null && <Stage model={model} catalogue={catalogue} panels={scene?.panels ?? allPanels} />}
        </main>
      </div>
      {dialog?.name === 'share' && <ShareDialog key={dialog.turn} model={model} onClose={close} />}
      {asked && <PluginDialog model={model} onClose={close} />}
      {dialog?.name === 'help' && <HelpDialog key={dialog.turn} onClose={close} />}
    </>
  );
}
