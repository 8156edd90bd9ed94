/** Real models at every precision, held to what their tasks need. */
@NullMarked
package io.inferc.backend.onnxruntime.models;

import org.jspecify.annotations.NullMarked;
