// HTTP/2 frames and header compression as the system's library has them; `Service` alone calls it.
#include <nghttp2/nghttp2.h>
