"""The template of the tiny application, written by hand: one of each thing the adapter patches."""

import json
from typing import Any

BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"

SLOW_SECONDS = 5

Resource = dict[str, Any]


def template() -> dict[str, Any]:
    """Two functions and a layer, queue with DLQ and alarm, table with stream, machines, two APIs."""
    resources = {
        **_storage(),
        **_functions(),
        **_machines(),
        **_http_api(),
        **_rest_api(),
    }
    outputs = {
        "WorkerName": _ref("Worker"),
        "BootstrapFunctionName": _ref("Worker"),
        "TableName": _ref("Table"),
        "QueueUrl": _ref("Queue"),
        "DeadLetterUrl": _ref("DeadLetters"),
        "OtherUrl": _ref("Other"),
        "AlarmName": _ref("DeadLettersAlarm"),
        "CatchMachineArn": _ref("CatchMachine"),
        "WaitMachineArn": _ref("WaitMachine"),
        "PathMachineArn": _ref("PathMachine"),
        "SlowMachineArn": _ref("SlowMachine"),
        "PowerlessMachineArn": _ref("PowerlessMachine"),
        "AgentApiId": _ref("HttpApi"),
        "PartnerApiId": _ref("RestApi"),
        "PartnerApiStage": _ref("RestStage"),
    }
    return {
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }


def _storage() -> dict[str, Resource]:
    queue = {
        "VisibilityTimeout": 1,
        "RedrivePolicy": {"deadLetterTargetArn": _arn("DeadLetters"), "maxReceiveCount": 1},
    }
    table = {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
    alarm = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": _arn("DeadLetters", "QueueName")}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    return {
        "DeadLetters": {"Type": "AWS::SQS::Queue"},
        "Other": {"Type": "AWS::SQS::Queue"},
        "Queue": _resource("AWS::SQS::Queue", queue),
        "Table": _resource("AWS::DynamoDB::Table", table),
        "DeadLettersAlarm": _resource("AWS::CloudWatch::Alarm", alarm),
    }


def _functions() -> dict[str, Resource]:
    grants = [
        _allow(["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], _arn("Queue")),
        _allow(["dynamodb:PutItem"], _arn("Table")),
        _allow(["dynamodb:GetRecords", "dynamodb:GetShardIterator"], _arn("Table", "StreamArn")),
    ]
    answers = {
        "PolicyName": "answers",
        "Roles": [_ref("WorkerRole")],
        "PolicyDocument": _document([_allow(["states:SendTaskSuccess"], _ref("WaitMachine"))]),
    }
    layer = {"Content": {"S3Bucket": _sub(BUCKET), "S3Key": "layer.zip"}}
    worker = {"QUEUE_URL": _ref("Queue"), "TABLE": _ref("Table")}
    stream = {
        "EventSourceArn": _arn("Table", "StreamArn"),
        "FunctionName": _ref("Worker"),
        "StartingPosition": "TRIM_HORIZON",
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    queue = {
        "EventSourceArn": _arn("Queue"),
        "FunctionName": _ref("Worker"),
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    return {
        "WorkerRole": _role("lambda.amazonaws.com", grants),
        "GateRole": _role("lambda.amazonaws.com", []),
        "AnswerPolicy": _resource("AWS::IAM::Policy", answers),
        "Layer": _resource("AWS::Lambda::LayerVersion", layer),
        "Worker": _function("worker", "WorkerRole", worker, []),
        "Gate": _function("gate", "GateRole", {}, [_ref("Layer")]),
        "FromQueue": _resource("AWS::Lambda::EventSourceMapping", queue),
        "FromStream": _resource("AWS::Lambda::EventSourceMapping", stream),
    }


def _machines() -> dict[str, Resource]:
    catch = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "${Worker}", "Payload": {"do": "raise"}},
        "TimeoutSeconds": 30,
        "Catch": [{"ErrorEquals": ["RefusedError"], "Next": "Caught"}],
        "End": True,
    }
    wait = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
        "Parameters": {
            "TableName": "${Table}",
            "Key": {"pk": {"S.$": "$.id"}},
            "UpdateExpression": "SET task_token = :token",
            "ExpressionAttributeValues": {":token": {"S.$": "$$.Task.Token"}},
        },
        "TimeoutSeconds": 30,
        "End": True,
    }
    path = {"Type": "Pass", "Parameters": {"value.$": "$.missing"}, "End": True}
    slow = {"Type": "Wait", "Seconds": SLOW_SECONDS, "End": True}
    return {
        "MachineRole": _role(
            "states.amazonaws.com",
            [
                _allow(["lambda:InvokeFunction"], _arn("Worker")),
                _allow(["dynamodb:UpdateItem"], _arn("Table")),
            ],
        ),
        "PowerlessRole": _role("states.amazonaws.com", []),
        "CatchMachine": _machine({"First": catch, "Caught": {"Type": "Pass", "End": True}}),
        "WaitMachine": _machine({"First": wait}),
        "PathMachine": _machine({"First": path}),
        "SlowMachine": _machine({"First": slow}, TimeoutSeconds=1),
        "PowerlessMachine": _machine({"First": catch | {"Catch": []}}, role="PowerlessRole"),
    }


def _http_api() -> dict[str, Resource]:
    authorizer = {
        "ApiId": _ref("HttpApi"),
        "Name": "gate",
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": _invocation_uri("Gate"),
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "IdentitySource": ["$request.header.x-api-key"],
        "AuthorizerResultTtlInSeconds": 0,
    }
    integration = {
        "ApiId": _ref("HttpApi"),
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": _arn("Worker"),
        "PayloadFormatVersion": "2.0",
    }
    route = {
        "ApiId": _ref("HttpApi"),
        "RouteKey": "GET /tenant",
        "AuthorizationType": "CUSTOM",
        "AuthorizerId": _ref("HttpGate"),
        "Target": _sub("integrations/${HttpWorker}"),
    }
    stage = {"ApiId": _ref("HttpApi"), "StageName": "$default", "AutoDeploy": True}
    api = {"Name": "tiny-http", "ProtocolType": "HTTP"}
    return {
        "HttpApi": _resource("AWS::ApiGatewayV2::Api", api),
        "HttpGate": _resource("AWS::ApiGatewayV2::Authorizer", authorizer),
        "HttpWorker": _resource("AWS::ApiGatewayV2::Integration", integration),
        "HttpRoute": _resource("AWS::ApiGatewayV2::Route", route),
        "HttpStage": _resource("AWS::ApiGatewayV2::Stage", stage),
        "HttpGatePermission": _permission("Gate"),
        "HttpWorkerPermission": _permission("Worker"),
    }


def _rest_api() -> dict[str, Resource]:
    authorizer = {
        "RestApiId": _ref("RestApi"),
        "Name": "gate",
        "Type": "REQUEST",
        "AuthorizerUri": _invocation_uri("Gate"),
        "IdentitySource": "method.request.header.x-api-key",
        "AuthorizerResultTtlInSeconds": 0,
    }
    method = {
        "RestApiId": _ref("RestApi"),
        "ResourceId": _ref("RestTenant"),
        "HttpMethod": "GET",
        "AuthorizationType": "CUSTOM",
        "AuthorizerId": _ref("RestGate"),
        "Integration": {
            "Type": "AWS_PROXY",
            "IntegrationHttpMethod": "POST",
            "Uri": _invocation_uri("Worker"),
        },
    }
    tenant = {
        "RestApiId": _ref("RestApi"),
        "ParentId": _arn("RestApi", "RootResourceId"),
        "PathPart": "tenant",
    }
    deployment = _resource("AWS::ApiGateway::Deployment", {"RestApiId": _ref("RestApi")})
    stage = {
        "RestApiId": _ref("RestApi"),
        "DeploymentId": _ref("RestDeployment"),
        "StageName": "v1",
    }
    return {
        "RestApi": _resource("AWS::ApiGateway::RestApi", {"Name": "tiny-rest"}),
        "RestTenant": _resource("AWS::ApiGateway::Resource", tenant),
        "RestGate": _resource("AWS::ApiGateway::Authorizer", authorizer),
        "RestMethod": _resource("AWS::ApiGateway::Method", method),
        "RestDeployment": deployment | {"DependsOn": ["RestMethod"]},
        "RestStage": _resource("AWS::ApiGateway::Stage", stage),
    }


def _function(asset: str, role: str, variables: dict[str, Any], layers: list[Any]) -> Resource:
    return _resource(
        "AWS::Lambda::Function",
        {
            "Runtime": "python3.11",
            "Handler": f"{asset}.lambda_handler",
            "Role": _arn(role),
            "Code": {"S3Bucket": _sub(BUCKET), "S3Key": f"{asset}.zip"},
            "Environment": {"Variables": variables},
            "Layers": layers,
            "Timeout": 10,
        },
    )


def _machine(states: dict[str, Any], *, role: str = "MachineRole", **definition: int) -> Resource:
    text = json.dumps({"StartAt": "First", "States": states, **definition})
    return _resource(
        "AWS::StepFunctions::StateMachine",
        {"DefinitionString": _sub(text), "RoleArn": _arn(role)},
    )


def _role(service: str, statements: list[Resource]) -> Resource:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    role: Resource = {"AssumeRolePolicyDocument": _document([trust])}
    if statements:
        role["Policies"] = [{"PolicyName": "grants", "PolicyDocument": _document(statements)}]
    return _resource("AWS::IAM::Role", role)


def _document(statements: list[Resource]) -> Resource:
    return {"Version": "2012-10-17", "Statement": statements}


def _permission(function: str) -> Resource:
    return _resource(
        "AWS::Lambda::Permission",
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": _ref(function),
            "Principal": "apigateway.amazonaws.com",
        },
    )


def _resource(kind: str, properties: dict[str, Any]) -> Resource:
    return {"Type": kind, "Properties": properties}


def _allow(actions: list[str], resource: Resource) -> Resource:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def _arn(name: str, attribute: str = "Arn") -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, attribute]}


def _sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


def _invocation_uri(function: str) -> dict[str, str]:
    return _sub(
        "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${" + function + ".Arn}/invocations"
    )
