// The parts of the report's page and of the live page that are the same for every run, in the
// program itself, so that they work wherever it is.
#ifndef CPAGEFILES_H
#define CPAGEFILES_H

// A part: UTF-8 that ends with a zero byte.
#define PAGE_PART(name)             \
  extern const char name##Bytes[];  \
  static inline const char *_Nonnull name(void) { return name##Bytes; }

// The style of both pages.
PAGE_PART(reportStyle)
// The script of the report's page.
PAGE_PART(reportScript)
// What the live page adds to the style of both.
PAGE_PART(liveStyle)
// The live page, with names in double braces where its parts go.
PAGE_PART(liveTemplate)
// The script of the live page.
PAGE_PART(liveScript)

#endif
