import { signal } from '@preact/signals';

type Choice = 'system' | 'light' | 'dark';

const key = 'lowland-theme';
const stored = ((): Choice => {
  try {
    const said = localStorage.getItem(key);
    return said === 'light' || said === 'dark' ? said : 'system';
  } catch {
    // storage may be forbidden
    return 'system';
  }
})();
const choice = signal<Choice>(stored);

function apply(next: Choice): void {
  choice.value = next;
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  try {
    localStorage.setItem(key, next);
  } catch {
    // then it holds until the page is closed
  }
}

apply(stored);

const order: readonly Choice[] = ['system', 'light', 'dark'];

export function ThemeButton() {
  return (
    <button type="button" onClick={() => { apply(order[(order.indexOf(choice.value) + 1) % order.length]!); }} aria-label={`Colours: ${choice.value}. Change them`}>
      {{ system: '◐', light: '☀', dark: '☾' }[choice.value]} <span class="wide">{choice.value}</span>
    </button>
  );
}
