#pragma once

#include <string.h>

#include "CImageShims.h"

static inline void image_shim_say(image_shim_message message, const char *text) {
  if (message.capacity == 0) return;
  size_t length = strlen(text);
  if (length > message.capacity - 1) length = message.capacity - 1;
  memcpy(message.text, text, length);
  message.text[length] = 0;
}
