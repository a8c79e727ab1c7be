import './styles/page.css';

import { effect } from '@preact/signals';
import { render } from 'preact';

import { App } from './app.tsx';
import { fromAddress } from './model/address.ts';
import { Model } from './model/model.ts';

const model = new Model();
void model.open(location.hash);
render(<App model={model} />, document.getElementById('app')!);

// the address follows the state, and the state an address that is typed or gone back to
let written = location.hash;
effect(() => {
  const address = model.address();
  if (model.catalogue.value === null || address === written) return;
  written = address;
  history.replaceState(null, '', address);
});
addEventListener('hashchange', () => {
  if (location.hash === written) return;
  written = location.hash;
  const state = fromAddress(location.hash);
  if (state !== undefined) model.restore(state);
});
