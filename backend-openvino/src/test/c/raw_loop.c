/*
 * The baseline of the benchmark: OpenVINO's C API called in a loop, with nothing between.
 *
 * raw_loop MODEL DEVICE THREADS INPUT TYPE DIM,DIM,... FILE [INPUT TYPE DIM,DIM,... FILE]...
 *
 * reads commands from standard input: "run ROUNDS" answers with the time of each run in
 * nanoseconds, one line; "sum" with the sum of the first output; "quit" ends. TYPE is OpenVINO's number of the element type, FILE holds the raw elements.
 */
#include <inttypes.h>
#include <openvino/c/openvino.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_INPUTS 16
#define MOST_DIMENSIONS 8

static void check(ov_status_e status, const char *what) {
    if (status != OK) {
        const char *message = ov_get_last_err_msg();
        fprintf(stderr, "%s failed with %d: %s\n", what, (int) status, message ? message : "");
        exit(1);
    }
}

static int64_t nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    void *bytes = aligned_alloc(64, ((size_t) size + 63) / 64 * 64 + 64);
    if (!bytes || fread(bytes, 1, (size_t) size, file) != (size_t) size) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    fclose(file);
    return bytes;
}

static int64_t parse_shape(char *text, int64_t *sizes) {
    int64_t rank = 0;
    for (char *word = strtok(text, ","); word && rank < MOST_DIMENSIONS; word = strtok(NULL, ",")) {
        sizes[rank++] = strtoll(word, NULL, 10);
    }
    return rank;
}

int main(int argc, char **argv) {
    if (argc < 8 || (argc - 4) % 4 != 0 || (argc - 4) / 4 > MOST_INPUTS) {
        fprintf(stderr, "usage: raw_loop MODEL DEVICE THREADS [INPUT TYPE DIMS FILE]...\n");
        return 2;
    }
    const int inputs = (argc - 4) / 4;
    const char *names[MOST_INPUTS];
    int64_t sizes[MOST_INPUTS][MOST_DIMENSIONS];
    ov_shape_t shapes[MOST_INPUTS];
    ov_partial_shape_t partial[MOST_INPUTS];

    ov_core_t *core = NULL;
    ov_model_t *model = NULL;
    ov_compiled_model_t *compiled = NULL;
    ov_infer_request_t *request = NULL;
    check(ov_core_create(&core), "ov_core_create");
    check(ov_core_read_model(core, argv[1], NULL, &model), "ov_core_read_model");
    for (int i = 0; i < inputs; i++) {
        char **argument = argv + 4 + 4 * i;
        names[i] = argument[0];
        int64_t rank = parse_shape(argument[2], sizes[i]);
        shapes[i].rank = rank;
        shapes[i].dims = sizes[i];
        check(ov_partial_shape_create_static(rank, sizes[i], &partial[i]), "ov_partial_shape_create_static");
    }
    check(ov_model_reshape(model, names, partial, (size_t) inputs), "ov_model_reshape");
    check(ov_core_compile_model(core, model, argv[2], 4, &compiled, "INFERENCE_PRECISION_HINT", "f32",
                                "INFERENCE_NUM_THREADS", argv[3]),
          "ov_core_compile_model");
    check(ov_compiled_model_create_infer_request(compiled, &request), "ov_compiled_model_create_infer_request");
    for (int i = 0; i < inputs; i++) {
        char **argument = argv + 4 + 4 * i;
        ov_tensor_t *tensor = NULL;
        ov_output_const_port_t *port = NULL;
        check(ov_compiled_model_input_by_name(compiled, names[i], &port), "ov_compiled_model_input_by_name");
        check(ov_tensor_create_from_host_ptr((ov_element_type_e) atoi(argument[1]), shapes[i],
                                             read_file(argument[3]), &tensor),
              "ov_tensor_create_from_host_ptr");
        check(ov_infer_request_set_tensor_by_const_port(request, port, tensor), "ov_infer_request_set_tensor");
        ov_tensor_free(tensor);
        ov_output_const_port_free(port);
    }
    /* A result in memory of the caller's, as the benchmark's other side has it. */
    check(ov_infer_request_infer(request), "ov_infer_request_infer");
    ov_tensor_t *first = NULL;
    ov_tensor_t *bound = NULL;
    ov_shape_t result;
    ov_element_type_e type;
    size_t bytes = 0;
    check(ov_infer_request_get_output_tensor_by_index(request, 0, &first), "ov_infer_request_get_output_tensor");
    check(ov_tensor_get_shape(first, &result), "ov_tensor_get_shape");
    check(ov_tensor_get_element_type(first, &type), "ov_tensor_get_element_type");
    check(ov_tensor_get_byte_size(first, &bytes), "ov_tensor_get_byte_size");
    float *output = aligned_alloc(64, (bytes + 63) / 64 * 64);
    check(ov_tensor_create_from_host_ptr(type, result, output, &bound), "ov_tensor_create_from_host_ptr");
    check(ov_infer_request_set_output_tensor_by_index(request, 0, bound), "ov_infer_request_set_output_tensor");

    puts("ready");
    fflush(stdout);
    char command[64];
    while (fgets(command, sizeof command, stdin)) {
        long count = 0;
        if (sscanf(command, "run %ld", &count) == 1 && count > 0) {
            int64_t *times = malloc((size_t) count * sizeof *times);
            for (long i = 0; i < count; i++) {
                int64_t before = nanos();
                check(ov_infer_request_infer(request), "ov_infer_request_infer");
                times[i] = nanos() - before;
            }
            for (long i = 0; i < count; i++) {
                printf(i == 0 ? "%" PRId64 : " %" PRId64, times[i]);
            }
            puts("");
            free(times);
        } else if (strncmp(command, "sum", 3) == 0) {
            double sum = 0;
            for (size_t i = 0; i < bytes / sizeof(float); i++) {
                sum += output[i];
            }
            printf("%.9g\n", sum);
        } else if (strncmp(command, "quit", 4) == 0) {
            break;
        } else {
            puts("unknown");
        }
        fflush(stdout);
    }
    ov_tensor_free(bound);
    ov_tensor_free(first);
    ov_shape_free(&result);
    ov_infer_request_free(request);
    ov_compiled_model_free(compiled);
    ov_model_free(model);
    ov_core_free(core);
    return 0;
}
