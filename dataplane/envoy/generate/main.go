// Generates TypeScript for the messages listed in messages.txt.
//
// The descriptors come from the go-control-plane of Envoy's version. The protos in npm packages are older and lack the
// on-demand secret selector. The agent loads the generated code at every start. So this program first removes options,
// deprecated and unused fields, and everything to which the listed messages do not refer.
package main

import (
	"bytes"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

type kept map[protoreflect.FullName]protoreflect.Descriptor

// keep marks a message or an enum, the message that encloses it, and everything to which its fields refer.
func (k kept) keep(d protoreflect.Descriptor) {
	if k[d.FullName()] != nil {
		return
	}
	k[d.FullName()] = d
	if parent, nested := d.Parent().(protoreflect.MessageDescriptor); nested {
		k.keep(parent)
	}
	message, ok := d.(protoreflect.MessageDescriptor)
	if !ok {
		return
	}
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		if dropped(field) {
			continue
		}
		if field.Message() != nil {
			k.keep(field.Message())
		}
		if field.Enum() != nil {
			k.keep(field.Enum())
		}
	}
}

// unused lists fields that Gatehouse never sets and whose messages are large. These fields of RBAC refer to all of CEL.
var unused = map[protoreflect.FullName]bool{
	"envoy.config.rbac.v3.Policy.condition":         true,
	"envoy.config.rbac.v3.Policy.checked_condition": true,
	"envoy.config.rbac.v3.Policy.cel_config":        true,
}

func dropped(field protoreflect.FieldDescriptor) bool {
	return field.Options().(*descriptorpb.FieldOptions).GetDeprecated() || unused[field.FullName()]
}

// files returns the files of the kept messages and enums, without all others. Each file comes after its imports.
func (k kept) files() []*descriptorpb.FileDescriptorProto {
	used := map[string]protoreflect.FileDescriptor{}
	for _, d := range k {
		used[d.ParentFile().Path()] = d.ParentFile()
	}
	var out []*descriptorpb.FileDescriptorProto
	done := map[string]bool{}
	var visit func(protoreflect.FileDescriptor)
	visit = func(file protoreflect.FileDescriptor) {
		if done[file.Path()] {
			return
		}
		done[file.Path()] = true
		reduced := k.reduce(file)
		for _, path := range reduced.Dependency {
			visit(used[path])
		}
		out = append(out, reduced)
	}
	for _, path := range sortedKeys(used) {
		visit(used[path])
	}
	return out
}

func (k kept) reduce(file protoreflect.FileDescriptor) *descriptorpb.FileDescriptorProto {
	p := protodesc.ToFileDescriptorProto(file)
	prefix := protoreflect.FullName(p.GetPackage())
	p.Options, p.Service, p.Extension, p.PublicDependency, p.WeakDependency = nil, nil, nil, nil, nil
	p.MessageType = k.messages(prefix, p.MessageType)
	p.EnumType = k.enums(prefix, p.EnumType)

	imports := map[string]bool{}
	for _, d := range k {
		message, ok := d.(protoreflect.MessageDescriptor)
		if !ok || d.ParentFile() != file {
			continue
		}
		for i := range message.Fields().Len() {
			field := message.Fields().Get(i)
			if dropped(field) {
				continue
			}
			if field.Message() != nil {
				imports[field.Message().ParentFile().Path()] = true
			}
			if field.Enum() != nil {
				imports[field.Enum().ParentFile().Path()] = true
			}
		}
	}
	delete(imports, file.Path())
	p.Dependency = sortedKeys(imports)
	return p
}

func (k kept) messages(prefix protoreflect.FullName, in []*descriptorpb.DescriptorProto) (out []*descriptorpb.DescriptorProto) {
	for _, m := range in {
		name := prefix.Append(protoreflect.Name(m.GetName()))
		if k[name] == nil {
			continue
		}
		m.NestedType = k.messages(name, m.NestedType)
		m.EnumType = k.enums(name, m.EnumType)
		m.Field = slices.DeleteFunc(m.Field, func(f *descriptorpb.FieldDescriptorProto) bool {
			return f.Options.GetDeprecated() || unused[name.Append(protoreflect.Name(f.GetName()))]
		})
		for _, f := range m.Field {
			f.Options = nil
		}
		dropEmptyOneofs(m)
		m.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(m.Options.GetMapEntry())}
		m.Extension, m.ExtensionRange = nil, nil
		out = append(out, m)
	}
	return
}

// dropEmptyOneofs removes the oneofs without a remaining member, and renumbers the others.
func dropEmptyOneofs(m *descriptorpb.DescriptorProto) {
	var oneofs []*descriptorpb.OneofDescriptorProto
	renumbered := map[int32]int32{}
	for i, oneof := range m.OneofDecl {
		oneof.Options = nil
		if slices.ContainsFunc(m.Field, func(f *descriptorpb.FieldDescriptorProto) bool {
			return f.OneofIndex != nil && *f.OneofIndex == int32(i)
		}) {
			renumbered[int32(i)] = int32(len(oneofs))
			oneofs = append(oneofs, oneof)
		}
	}
	for _, f := range m.Field {
		if f.OneofIndex != nil {
			f.OneofIndex = proto.Int32(renumbered[*f.OneofIndex])
		}
	}
	m.OneofDecl = oneofs
}

func (k kept) enums(prefix protoreflect.FullName, in []*descriptorpb.EnumDescriptorProto) (out []*descriptorpb.EnumDescriptorProto) {
	for _, e := range in {
		if k[prefix.Append(protoreflect.Name(e.GetName()))] != nil {
			e.Options = nil
			for _, value := range e.Value {
				value.Options = nil
			}
			out = append(out, e)
		}
	}
	return
}

// usage: generate <protoc plugin> <its parameter> <output folder>
func main() {
	k := kept{}
	for _, name := range roots {
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
		check(err)
		k.keep(d)
	}
	request := &pluginpb.CodeGeneratorRequest{Parameter: &os.Args[2], ProtoFile: k.files()}
	for _, file := range request.ProtoFile {
		request.FileToGenerate = append(request.FileToGenerate, file.GetName())
	}
	input, err := proto.Marshal(request)
	check(err)

	plugin := exec.Command(os.Args[1])
	plugin.Stdin, plugin.Stderr = bytes.NewReader(input), os.Stderr
	output, err := plugin.Output()
	check(err)
	response := &pluginpb.CodeGeneratorResponse{}
	check(proto.Unmarshal(output, response))
	if response.Error != nil {
		log.Fatal(*response.Error)
	}
	for _, file := range response.File {
		path := filepath.Join(os.Args[3], file.GetName())
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, []byte(file.GetContent()), 0o644))
	}
	log.Printf("%d messages and enums in %d files", len(k), len(response.File))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
