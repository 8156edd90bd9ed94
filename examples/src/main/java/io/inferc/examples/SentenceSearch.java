package io.inferc.examples;

import io.inferc.runtime.InferenceSession;
import io.inferc.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Semantic search: sentences as unit vectors, the best answers by cosine. */
final class SentenceSearch {
  private static final int BATCH = 16;

  private final InferenceSession session;
  private final TextEncoder encoder;
  private final List<Corpus> sentences;
  private final List<float[]> vectors;

  /** A sentence and how close it is to the query. */
  record Hit(Corpus sentence, float cosine) {}

  SentenceSearch(InferenceSession session, TextEncoder encoder, List<Corpus> sentences) {
    this.session = session;
    this.encoder = encoder;
    this.sentences = sentences;
    vectors = new ArrayList<>();
    for (int from = 0; from < sentences.size(); from += BATCH) {
      List<Corpus> batch = sentences.subList(from, Math.min(sentences.size(), from + BATCH));
      vectors.addAll(embed(batch.stream().map(Corpus::text).toList()));
    }
  }

  List<Hit> best(String query, int count) {
    float[] q = embed(List.of(query)).get(0);
    return IntStream.range(0, vectors.size())
        .mapToObj(i -> new Hit(sentences.get(i), dot(q, vectors.get(i))))
        .sorted(Comparator.comparingDouble((Hit h) -> -h.cosine()))
        .limit(count)
        .toList();
  }

  /** The mean of a sentence's token vectors, padding left out, at length 1. */
  private List<float[]> embed(List<String> texts) {
    Map<String, Tensor> inputs = encoder.encode(texts);
    try {
      inputs.forEach((name, tensor) -> session.input(name, tensor.shape()).copyFrom(tensor));
      session.run();
      Tensor hidden = session.output("last_hidden_state");
      long[] mask = session.input("attention_mask").toLongArray();
      int tokens = (int) hidden.size(1);
      int width = (int) hidden.size(2);
      float[] values = hidden.toFloatArray();
      List<float[]> pooled = new ArrayList<>();
      for (int s = 0; s < texts.size(); s++) {
        float[] sum = new float[width];
        for (int t = 0; t < tokens; t++) {
          if (mask[s * tokens + t] == 1) {
            for (int i = 0; i < width; i++) {
              sum[i] += values[(s * tokens + t) * width + i];
            }
          }
        }
        pooled.add(normalized(sum));
      }
      return pooled;
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }

  private static float[] normalized(float[] vector) {
    float length = (float) Math.sqrt(dot(vector, vector));
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = vector[i] / length;
    }
    return unit;
  }

  private static float dot(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
