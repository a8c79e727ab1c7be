export function App() {
  return (
    <header class="bar">
      <h1>Lowland</h1>
    </header>
  );
}
