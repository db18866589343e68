"""A tiny application as a CDK assembly, written by hand: what the adapter's patches are proved on."""

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.support.tiny_template import BUCKET, template

_WORKER = '''
import importlib.util, json, os, sys, time
import boto3

class RefusedError(Exception):
    """A class of its own, for a state machine to catch."""

def lambda_handler(event, context):
    if "organization_name" in event:
        return {"organization_id": "org_1", "api_key": "made-up-key"}
    if "Records" in event:
        return _consume(event["Records"])
    if "routeKey" in event or "httpMethod" in event:
        return _answer(event)
    return globals()["do_" + event["do"]](event, context)

def do_raise(event, context):
    raise RefusedError("no")

def do_look(event, context):
    found = {name: importlib.util.find_spec(name) is not None for name in event["modules"]}
    return {"modules": found, "environment": sorted(os.environ), "pid": os.getpid(),
            "path": sys.path, "deadline": context.get_remaining_time_in_millis(),
            "arn": context.invoked_function_arn}

def do_sleep(event, context):
    time.sleep(event["seconds"])
    return os.getpid()

def do_send_batch(event, context):
    answer = boto3.client("sqs").send_message_batch(
        QueueUrl=os.environ["QUEUE_URL"], Entries=[{"Id": "1", "MessageBody": event["body"]}])
    return len(answer["Successful"])

def do_purge(event, context):
    boto3.client("sqs").purge_queue(QueueUrl=os.environ["QUEUE_URL"])

def do_succeed(event, context):
    boto3.client("stepfunctions").send_task_success(
        taskToken=event["token"], output=json.dumps({"answer": 42}))

def _consume(records):
    failed = []
    for record in records:
        if record["eventSource"] == "aws:dynamodb":
            key = record["dynamodb"]["Keys"]["pk"]["S"]
            if key.startswith("watched"):
                boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"],
                                                  Item={"pk": {"S": "seen-" + key}})
        elif record["body"] == "poison":
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}

def _answer(event):
    context = event["requestContext"]["authorizer"]
    tenant = context.get("lambda", context)["tenant"]
    return {"statusCode": 200, "body": json.dumps({"tenant": tenant})}
'''

_GATE = """
import tiny_layer

def lambda_handler(event, context):
    key = event["headers"].get("x-api-key", "")
    allowed = tiny_layer.is_key(key)
    if "routeArn" in event:
        return {"isAuthorized": allowed, "context": {"tenant": key}}
    if not allowed:
        raise Exception("Unauthorized")
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
    return {"principalId": key, "context": {"tenant": key},
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
"""

_LAYER = """
def is_key(key):
    return key == "letmein"
"""


def write_assembly(folder: Path) -> Path:
    """Write the assembly as ``cdk synth`` would lay it out and return its folder."""
    sources = {
        "asset.worker": {"worker.py": _WORKER},
        "asset.gate": {"gate.py": _GATE},
        "asset.layer": {"python/tiny_layer.py": _LAYER},
    }
    for asset, files in sources.items():
        for name, text in files.items():
            path = folder / asset / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    (folder / "Tiny.template.json").write_text(json.dumps(template()), encoding="utf-8")
    file_assets = {
        hashlib.sha256(json.dumps(files).encode()).hexdigest(): _file(asset, "zip") for asset, files in sources.items()
    }
    file_assets["template"] = _file("Tiny.template.json", "file")
    assets = json.dumps({"version": "55.0.0", "files": file_assets})
    (folder / "Tiny.assets.json").write_text(assets, encoding="utf-8")
    template_url = f"s3://{BUCKET}/Tiny.template.json"
    artifacts = {
        "Tiny.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Tiny.assets.json"}},
        "Tiny": {
            "type": "aws:cloudformation:stack",
            "properties": {
                "templateFile": "Tiny.template.json",
                "stackTemplateAssetObjectUrl": template_url,
            },
        },
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    }
    manifest = json.dumps({"version": "55.0.0", "artifacts": artifacts})
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    return folder


def _file(path: str, packaging: str) -> dict[str, Any]:
    key = path if packaging == "file" else path.removeprefix("asset.") + ".zip"
    return {
        "source": {"path": path, "packaging": packaging},
        "destinations": {"current": {"bucketName": BUCKET, "objectKey": key}},
    }
