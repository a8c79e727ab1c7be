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

export function App({ model }: { readonly model: Model }) {
  const [dialog, setDialog] = useState<'share' | 'plugin' | 'help' | null>(null);
  const close = (): void => { setDialog(null); };
  useEffect(() => followTheme(), []);
  useEffect(() => followDrops(model), [model]);
  useEffect(() => openServed(model), [model]);
  useEffect(
    () =>
      followKeyboard(model, {
        share: () => { setDialog('share'); },
        help: () => { setDialog('help'); },
        open: () => { document.querySelector<HTMLButtonElement>('[data-open=files]')?.click(); },
      }),
    [model],
  );
  const catalogue = model.catalogue.value;
  const scene = sceneNamed(model.view.value.scene);
  const asked = dialog === 'plugin' || model.offered.value !== null;
  return (
    <>
      <Header model={model} onShare={() => { setDialog('share'); }} onPlugin={() => { setDialog('plugin'); }} onHelp={() => { setDialog('help'); }} />
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
      {dialog === 'share' && <ShareDialog model={model} onClose={close} />}
      {asked && <PluginDialog model={model} onClose={close} />}
      {dialog === 'help' && <HelpDialog onClose={close} />}
    </>
  );
}
