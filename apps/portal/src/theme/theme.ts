import { createTheme, type MantineColorsTuple } from '@mantine/core';

const brand: MantineColorsTuple = [
  '#e6f4fa',
  '#d0e6f0',
  '#a1ccdf',
  '#6eb1ce',
  '#459bc0',
  '#2a8db7',
  '#0b6e99',
  '#0a6189',
  '#085877',
  '#054661',
];

/** Greys of the dark scheme, in the hue of its surfaces. */
const dark: MantineColorsTuple = [
  '#eef2f6',
  '#c3cdd8',
  '#97a5b6',
  '#8593a5',
  '#3b4859',
  '#2f3a48',
  '#212b37',
  '#18202a',
  '#121920',
  '#0f161d',
];

export const theme = createTheme({
  primaryColor: 'brand',
  primaryShade: { light: 6, dark: 6 },
  colors: { brand, dark },
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 8,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm', fw: 500 } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false, checkIconPosition: 'right' } },
    Modal: { defaultProps: { centered: true, radius: 12 } },
    Drawer: { defaultProps: { position: 'right' } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 150, events: { hover: true, focus: true, touch: true } } },
  },
});
