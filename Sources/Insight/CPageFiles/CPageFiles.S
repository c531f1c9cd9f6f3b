// The pages' parts, from files in their own languages. The assembler copies them; as a list of
// bytes in Swift they would take a compiler half a minute.

// The space-time diagram, in both pages.
#define DIAGRAM(file) \
  file(events.js) file(view.js) file(shapes.js) file(undone.js) file(paint.js) file(words.js) \
  file(clocks.js) file(diagram.js)
#define REPORT(file) file(report.js) file(figures.js)
#define LIVE(file) \
  file(server.js) file(journal.js) file(transit.js) file(lane.js) file(model.js) file(window.js) \
  file(live-diagram.js) file(map.js) file(machines.js) file(snapshots.js) file(head.js) \
  file(controls.js) file(page.js)
#define OTHERS(file) file(report.css) file(live.css) file(live.html)

// The compiler notes which files it has looked for, so that a build notices a change of one.
#define IS_HERE(name) && __has_include(#name)
#if !(1 DIAGRAM(IS_HERE) REPORT(IS_HERE) LIVE(IS_HERE) OTHERS(IS_HERE))
#error "a part's file is missing"
#endif

#if __APPLE__
#define SYMBOL(name) _##name
.section __TEXT,__const
#else
#define SYMBOL(name) name
.section .note.GNU-stack,"",%progbits
.section .rodata
#endif

// Files with a newline between two, then a zero byte.
.macro part name, first, rest:vararg
.globl \name
\name:
.incbin "\first"
.ifnb \rest
.irp file, \rest
.ascii "\n"
.incbin "\file"
.endr
.endif
.byte 0
.endm

#define AND(name) , name
part SYMBOL(reportStyleBytes), report.css
part SYMBOL(reportScriptBytes) DIAGRAM(AND) REPORT(AND)
part SYMBOL(liveStyleBytes), live.css
part SYMBOL(liveTemplateBytes), live.html
part SYMBOL(liveScriptBytes) DIAGRAM(AND) LIVE(AND)
