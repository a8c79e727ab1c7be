import './styles/page.css';

import { render } from 'preact';

import { App } from './app.tsx';
import { followAddress } from './model/follow-address.ts';
import { askForGraphics } from './model/graphics.ts';
import { Model } from './model/model.ts';
import { holdParts } from './shell/hold.ts';

const model = new Model();
void model.open(location.hash);
void askForGraphics();
render(<App model={model} />, document.getElementById('app')!);
followAddress(model);
holdParts();
