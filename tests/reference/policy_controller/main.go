// Command record prints what the real policy-controller says about our corpora.
//
// It reads documents.yaml and globs.yaml beside it and writes documents.recorded.json and
// globs.recorded.json. README.md says when and how to run it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"runtime/debug"
	"sort"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/sigstore/policy-controller/pkg/apis/glob"
	"github.com/sigstore/policy-controller/pkg/apis/policy/common"
	"github.com/sigstore/policy-controller/pkg/policy"
	"k8s.io/apimachinery/pkg/util/sets"
	"knative.dev/pkg/apis"
	"sigs.k8s.io/yaml"
)

const reference = "github.com/sigstore/policy-controller"

type documentCorpus struct {
	Documents []struct {
		Name     string `json:"name"`
		Document string `json:"document"`
	} `json:"documents"`
}

// documentVerdict says what the reference found in one document.
type documentVerdict struct {
	Valid bool `json:"valid"`
	// Errors and Warnings are the field paths concerned, sorted.
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`
	// Pathless is set when the reference refused the document without naming a field, as it does
	// when decoding fails.
	Pathless bool `json:"pathless,omitempty"`
}

type globCorpus struct {
	Globs []struct {
		Glob   string   `json:"glob"`
		Images []string `json:"images"`
	} `json:"globs"`
}

// globVerdict says whether a glob matches an image: "match", "no match", or "error".
type globVerdict struct {
	Glob    string `json:"glob"`
	Image   string `json:"image"`
	Verdict string `json:"verdict"`
	// Name is the qualified reference, or empty when the image is no reference.
	Name string `json:"name"`
}

func main() {
	// The webhook sets both at its start; the library leaves them to its user.
	os.Setenv("SYSTEM_NAMESPACE", "cosign-system")
	common.ValidResourceNames = sets.NewString("replicasets", "deployments", "pods", "cronjobs",
		"jobs", "statefulsets", "daemonsets")

	var documents documentCorpus
	read("documents.yaml", &documents)
	verdicts := map[string]documentVerdict{}
	for _, entry := range documents.Documents {
		if _, ok := verdicts[entry.Name]; ok {
			log.Fatalf("two documents are named %q", entry.Name)
		}
		verdicts[entry.Name] = judge(entry.Document)
	}
	write("documents.recorded.json", map[string]any{"reference": version(), "verdicts": verdicts})

	var globs globCorpus
	read("globs.yaml", &globs)
	var matches []globVerdict
	for _, entry := range globs.Globs {
		for _, image := range entry.Images {
			matches = append(matches, match(entry.Glob, image))
		}
	}
	write("globs.recorded.json", map[string]any{"reference": version(), "verdicts": matches})
}

func judge(document string) documentVerdict {
	warns, err := policy.Validate(context.Background(), document)
	verdict := documentVerdict{Valid: err == nil, Errors: paths(err), Warnings: paths(warns)}
	var fields *apis.FieldError
	verdict.Pathless = err != nil && !errors.As(err, &fields)
	return verdict
}

func paths(err error) []string {
	found := sets.NewString()
	var fields *apis.FieldError
	if errors.As(err, &fields) {
		for _, one := range fields.WrappedErrors() {
			found.Insert(one.Paths...)
		}
	}
	list := found.List()
	sort.Strings(list)
	return list
}

func match(pattern, image string) globVerdict {
	verdict := globVerdict{Glob: pattern, Image: image, Verdict: "no match"}
	if ref, err := name.ParseReference(image, name.WeakValidation); err == nil {
		verdict.Name = ref.Name()
	}
	switch matched, err := glob.Match(pattern, image); {
	case err != nil:
		verdict.Verdict = "error"
	case matched:
		verdict.Verdict = "match"
	}
	return verdict
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == reference {
			return strings.Join([]string{module.Path, module.Version}, " ")
		}
	}
	return reference
}

func read(path string, into any) {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		log.Fatalf("%s: %v", path, err)
	}
}

func write(path string, value any) {
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		log.Fatal(err)
	}
}
