package io.inferc.examples;

import io.inferc.accuracy.OutputView;
import io.inferc.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/**
 * What an application makes of the model's token vectors: for each sentence their mean over the
 * tokens that are no padding. This is what accuracy is judged by.
 */
final class SentenceEmbedding implements OutputView {
  @Override
  public Map<String, Tensor> of(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    Tensor mask = inputs.get("attention_mask");
    Tensor vectors = outputs.get("last_hidden_state");
    if (mask == null || vectors == null) {
      throw new IllegalArgumentException(
          "Tried to make sentence embeddings, but got the inputs "
              + inputs.keySet()
              + " and the outputs "
              + outputs.keySet()
              + ". It takes attention_mask and last_hidden_state.");
    }
    int sentences = (int) vectors.size(0);
    int tokens = (int) vectors.size(1);
    int width = (int) vectors.size(2);
    LongBuffer used = mask.longs();
    FloatBuffer elements = vectors.floats();
    float[] means = new float[sentences * width];
    for (int s = 0; s < sentences; s++) {
      int count = 0;
      for (int t = 0; t < tokens; t++) {
        if (used.get(s * tokens + t) == 0) {
          continue;
        }
        count++;
        for (int i = 0; i < width; i++) {
          means[s * width + i] += elements.get((s * tokens + t) * width + i);
        }
      }
      for (int i = 0; i < width; i++) {
        means[s * width + i] /= count;
      }
    }
    return Map.of("sentence_embedding", Tensor.of(means, sentences, width));
  }
}
