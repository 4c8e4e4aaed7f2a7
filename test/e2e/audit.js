// What an accessibility checker would find in a page. Runs in the page: a function of its root element. A
// declaration, because a formatter would end an expression with a semicolon, and the tests call this one's text.
function audit(html) {
  const document = html.ownerDocument;
  const faults = [];
  const say = (what, element) => faults.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
  if (!html.getAttribute('lang')) say('no language', html);
  if (document.title === '') say('no title', html);
  if (document.querySelectorAll('main').length !== 1) say('not one main', html);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`twice: ${id}`);
  for (const element of document.querySelectorAll('button, select, input, [role="progressbar"], [role="group"]')) {
    if (shown(element) && (element.getAttribute('aria-label') ?? element.textContent).trim() === '')
      say('no name', element);
  }
  for (const element of document.querySelectorAll('svg, canvas')) {
    if (!element.closest('[aria-hidden="true"]')) say('a picture without words', element);
  }
  for (const element of document.querySelectorAll('[tabindex]'))
    if (Number(element.getAttribute('tabindex')) > 0) say('forces its turn', element);
  for (const element of document.querySelectorAll('[aria-controls]')) {
    if (!document.getElementById(element.getAttribute('aria-controls') ?? '')) say('controls nothing', element);
  }

  // Contrast of text with what is behind it, as WCAG counts it. A canvas knows every way to write a colour.
  const painter = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    if (!painter) return [0, 0, 0, 1];
    painter.clearRect(0, 0, 1, 1);
    painter.fillStyle = colour;
    painter.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = painter.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const behind = (element) => {
    if (!element) return rgba(getComputedStyle(html).getPropertyValue('--vscode-editor-background'));
    const [r = 0, g = 0, b = 0, a = 0] = rgba(getComputedStyle(element).backgroundColor);
    if (a === 1) return [r, g, b];
    const under = behind(element.parentElement);
    return [r, g, b].map((part, index) => part * a + (under[index] ?? 0) * (1 - a));
  };
  const luminance = (colour) => {
    const [r = 0, g = 0, b = 0] = colour.map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && (node.textContent ?? '').trim() !== '');
    if (!text || !shown(element) || element.closest('.spoken, option, :disabled')) continue;
    const ground = behind(element);
    const [r = 0, g = 0, b = 0, a = 1] = rgba(getComputedStyle(element).color);
    const ink = [r, g, b].map((part, index) => part * a + (ground[index] ?? 0) * (1 - a));
    const [light = 0, dark = 0] = [luminance(ink), luminance(ground)].sort((one, other) => other - one);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) say(`contrast ${contrast.toFixed(2)}`, element);
  }
  return faults;
}
